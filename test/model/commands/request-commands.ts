import type { ApiAnswer } from '../../support/api-server.ts';
import { compareWithOracle } from '../compare.ts';
import { forkOracle, type Oracle } from '../oracle.ts';
import type { RealSystem } from '../real-system.ts';
import { type Drawn, type ModelRequest, pick } from '../requests/model-request.ts';
import { type Command, command, type Model } from './command.ts';

/** One client asks for one thing. */
export const ask = (draw: Drawn): Command =>
  command(
    'a request',
    async (model, real) => perform(model, real, [draw(model.oracle, model.runName)]),
    ({ oracle }) => oracle.users.size > 0,
  );

/** Several clients ask at the same moment: there must be an order of their requests in which the oracle answers as the service did. */
export const askAtOnce = (draws: readonly Drawn[]): Command =>
  command(
    `${draws.length} requests at once`,
    async (model, real) =>
      perform(
        model,
        real,
        draws.map((draw) => draw(model.oracle, model.runName)),
      ),
    ({ oracle }) => oracle.users.size > 0,
  );

/** The same request twice at the same moment. */
export const askTwice = (draw: Drawn): Command =>
  command(
    'a request twice at once',
    async (model, real) => {
      const request = draw(model.oracle, model.runName);
      await perform(model, real, [request, request]);
    },
    ({ oracle }) => oracle.users.size > 0,
  );

/** An earlier request with a key comes again, by itself or beside a new one. */
export const askAgain = (number: number, beside: Drawn | null): Command =>
  command(
    `an earlier request again${beside ? ' beside a new one' : ''}`,
    async (model, real) => {
      const earlier = pick(model.sent, number);
      const others = beside ? [beside(model.oracle, model.runName)] : [];
      await perform(model, real, [earlier, ...others]);
    },
    ({ sent }) => sent.length > 0,
  );

async function perform(model: Model, real: RealSystem, requests: readonly ModelRequest[]): Promise<void> {
  const told = await Promise.all(
    requests.map(async (request) => ({ request, answer: await request.send(real) })),
  );
  const isSeenOnly = requests.some(({ kind }) => kind === 'set fee' || kind === 'end fee');
  const explanations = explain(model.oracle, told);
  model.oracle = isSeenOnly ? await chooseSeen([...explanations], real) : firstOf(explanations);
  for (const { request, answer } of told) {
    model.tally.count(request.kind, answer);
    if (request.key !== null) model.sent.push(request);
  }
}

interface Told {
  readonly request: ModelRequest;
  readonly answer: ApiAnswer;
}

/**
 * An answer to a payment does not say what it costs, so both orders of it and of a change of fees may agree with what was answered. Then what can be
 * seen afterwards says which of them it was. Without such a change, the first order is as good as the others.
 */
async function chooseSeen(explanations: readonly Oracle[], real: RealSystem): Promise<Oracle> {
  const [first, ...others] = explanations as [Oracle, ...Oracle[]];
  for (const oracle of others) {
    const differs = await compareWithOracle(oracle, real).then(
      () => false,
      () => true,
    );
    if (!differs) return oracle;
  }
  // If it is not this one either, the comparison after the command says what differs.
  return first;
}

const firstOf = (explanations: Iterator<Oracle>) => explanations.next().value as Oracle;

/** What the oracle may have become once it has said what was answered. @throws where it says something else, in whatever order. */
function* explain(oracle: Oracle, told: readonly Told[]): Generator<Oracle> {
  const errors: unknown[] = [];
  let isExplained = false;
  for (const order of ordersOf(told)) {
    const tried = forkOracle(oracle);
    try {
      for (const { request, answer } of order) request.judge(tried, answer);
    } catch (error) {
      errors.push(error);
      continue;
    }
    isExplained = true;
    yield tried;
  }
  if (isExplained) return;
  const answers = told.map(({ request, answer }) => `${request.label}\n  -> ${answer.status} ${answer.text}`);
  throw new Error(`in no order does the oracle answer as the service did:\n${answers.join('\n')}`, {
    cause: errors[0],
  });
}

function ordersOf<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((first, index) =>
    ordersOf(items.filter((_, other) => other !== index)).map((rest) => [first, ...rest]),
  );
}
