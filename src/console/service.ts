import { useEffect, useState } from 'preact/hooks';
import type { Health, Overview } from './answers.ts';
import { type CallError, call } from './api.ts';
import { SOMETHING_DONE } from './ask.ts';
import { describeService, type ServiceWord } from './describe-service.ts';
import { html } from './html.ts';

const EVERY_MS = 2000;
/** The API caches an overview for a second, so an action shows up only after that. */
const SHARED_MS = 1100;

/** What the API last reported about itself; `error` says why it reported nothing. */
export interface ServiceFacts {
  readonly health: Health | undefined;
  readonly error: CallError | undefined;
  readonly overview: Overview | undefined;
}

const NOTHING_KNOWN: ServiceFacts = { health: undefined, error: undefined, overview: undefined };

/** Polls the state of the service while the tab is visible and `isAsking` is true. */
export function useService(isAsking: boolean): ServiceFacts {
  const [facts, setFacts] = useState(NOTHING_KNOWN);
  useEffect(() => {
    if (!isAsking) return undefined;
    let isOver = false;
    let isUnderWay = false;
    const ask = async () => {
      if (document.hidden || isUnderWay) return;
      isUnderWay = true;
      const read = await readFacts();
      isUnderWay = false;
      if (!isOver) setFacts(read);
    };
    void ask();
    const timer = setInterval(() => void ask(), EVERY_MS);
    const askSoon = () => void setTimeout(() => void ask(), SHARED_MS);
    addEventListener(SOMETHING_DONE, askSoon);
    return () => {
      isOver = true;
      clearInterval(timer);
      removeEventListener(SOMETHING_DONE, askSoon);
    };
  }, [isAsking]);
  return facts;
}

async function readFacts(): Promise<ServiceFacts> {
  const [health, overview] = await Promise.allSettled([
    call<Health>('GET', '/api/v1/health'),
    call<Overview>('GET', '/api/v1/overview'),
  ]);
  const told = { overview: overview.status === 'fulfilled' ? overview.value : undefined };
  if (health.status === 'fulfilled') return { ...told, health: health.value, error: undefined };
  const error = health.reason as CallError;
  // A service that is not ready answers 503 and says why.
  const answer = error.answer as Partial<Health> | undefined;
  return answer?.database === undefined
    ? { ...told, health: undefined, error }
    : { ...told, health: answer as Health, error: undefined };
}

/** One line on every page: what happens to a payment that is sent now. */
export function ServiceLine({ facts }: { readonly facts: ServiceFacts }) {
  const { tone, text, place }: ServiceWord = describeService(facts);
  return html`<p class="service notice ${tone}" role="status" aria-label="The service now">
    ${place ? html`<a href="#/${place}">${text}</a>` : text}
  </p>`;
}
