import type { z } from 'zod';
import { findRepeatedMember } from '../../http/parse-json.ts';
import { explainUnknownCurrency } from '../../money/currency.ts';
import { nearestName } from '../../text/nearest-name.ts';
import { gatewaySettings } from './gateway-settings.ts';
import { findInvisible } from './invisible-characters.ts';
import { httpUrl } from './setting-kinds.ts';

/** What the file says of one gateway: the settings that it names, by their names in code. */
export interface DescribedGateway {
  readonly name: string;
  readonly currencies: readonly string[];
  /** The address that it had before, if it has moved. */
  readonly movedFrom: string | null;
  readonly settings: Partial<GatewayValues>;
}

type GatewayValues = {
  readonly [Field in keyof typeof gatewaySettings]: z.infer<(typeof gatewaySettings)[Field]['schema']>;
};

/** It is written into each payment and is a label of metrics. */
const NAME = /^[a-z][a-z0-9_]{0,31}$/;
const MOST_GATEWAYS = 50;
const SETTINGS = Object.entries(gatewaySettings);
const NAMES = SETTINGS.map(([, { name }]) => name);

/**
 * Parses the text of GATEWAYS_FILE: a JSON object with a gateway under each name, which has `currencies` and any of the settings of the
 * gateway, as they are called in the environment. Pure.
 * @returns the gateways in the order of the file, or sentences that name the place, but never a value, which may be a secret.
 */
export function parseGateways(
  text: string,
  { reservedName }: { readonly reservedName: string },
): { readonly gateways: readonly DescribedGateway[] } | { readonly problems: readonly string[] } {
  const described = parseObject(text);
  if (!described)
    return { problems: ['must contain a JSON object with a gateway under each name (docs/gateway.md)'] };
  const repeated = findRepeatedMember(text);
  if (repeated !== undefined) return { problems: [`has ${repeated} twice in one object`] };
  const entries = Object.entries(described);
  if (entries.length > MOST_GATEWAYS)
    return { problems: [`must describe at most ${MOST_GATEWAYS} gateways`] };

  const problems: string[] = [];
  const takenBy = new Map<string, string>();
  const gateways = entries.map(([name, value]) => {
    const tell = (problem: string) => problems.push(`${name}${problem}`);
    if (!NAME.test(name))
      tell(': a name must be of 1 to 32 small letters, digits and underscores, beginning with a letter');
    if (name === reservedName)
      tell(': this is the name of the gateway of PAYMENT_GATEWAY_URL; use another one');
    if (!isObject(value)) tell(' must be an object with its currencies and settings');
    const {
      currencies: listed,
      moved_from: before,
      ...settings
    } = isObject(value) ? value : { currencies: [] };
    const currencies = readCurrencies(listed, tell);
    for (const currency of currencies) {
      const other = takenBy.get(currency);
      if (other === name) tell(`.currencies names ${currency} twice`);
      else if (other !== undefined)
        tell(`.currencies names ${currency}, which ${other} has: a currency has one gateway`);
      takenBy.set(currency, name);
    }
    return { name, currencies, movedFrom: readAddress(before, tell), settings: readSettings(settings, tell) };
  });
  return problems.length > 0 ? { problems } : { gateways };
}

type Tell = (problem: string) => void;

function readCurrencies(listed: unknown, tell: Tell): string[] {
  if (!Array.isArray(listed) || !listed.every((currency) => typeof currency === 'string')) {
    tell('.currencies must be a list such as ["EUR","SEK"], or [] if it gets no new payments');
    return [];
  }
  // A retired currency is taken: wallets that still hold it are paid out by the gateway that has it.
  for (const currency of listed) {
    const problem = /^[A-Z]{3}$/.test(currency)
      ? explainUnknownCurrency(currency)
      : 'must be three capital letters, for example EUR';
    if (problem) tell(`.currencies: each ${problem}`);
  }
  return listed;
}

function readAddress(before: unknown, tell: Tell): string | null {
  if (before === undefined) return null;
  const parsed = httpUrl.safeParse(before);
  if (parsed.success) return parsed.data;
  tell('.moved_from must be the address that the gateway had before');
  return null;
}

function readSettings(given: Readonly<Record<string, unknown>>, tell: Tell): Partial<GatewayValues> {
  const read: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const [field, setting] = SETTINGS.find(([, known]) => known.name === name) ?? [];
    if (field === undefined || setting === undefined) {
      const meant = nearestName(name, NAMES);
      tell(`: ${name} is not a setting of a gateway${meant ? `. Did you mean ${meant}?` : ''}`);
      continue;
    }
    const text = textOf(value);
    const unfit = explainUnfit(text);
    const parsed = setting.schema.safeParse(text);
    if (unfit) tell(`.${name} ${unfit}`);
    else if (parsed.success) read[field] = parsed.data;
    else for (const { message } of parsed.error.issues) tell(`.${name} ${message}`);
  }
  return read as Partial<GatewayValues>;
}

function explainUnfit(text: string | undefined): string | undefined {
  if (text === undefined) return 'must be text, a number, true, false or an object';
  return text === ''
    ? 'must not be empty: leave it out to use the value of the environment'
    : findInvisible(text);
}

/** As the setting would be written in the environment. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return isObject(value) ? JSON.stringify(value) : undefined;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
