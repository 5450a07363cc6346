import { Command, InvalidArgumentError, Option } from 'commander';
import { renderCloudEvent, type StoredEvent } from '../../events/cloud-event.ts';
import { createEventFeed } from '../../events/event-feed.ts';
import { explainSubject } from '../../events/event-subject.ts';
import { EVENT_TYPE_NAMES, type EventType } from '../../events/event-types.ts';
import { BEGINNING, encodePlace, type FeedPlace, readPlace } from '../../events/feed-place.ts';
import { unpackData } from '../../events/packed-data.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { followEvents } from '../follow-events.ts';
import { interruptible } from '../interruptible.ts';
import { type OutputOptions, withExamples } from '../options/operator-options.ts';
import type { Terminal } from '../output/terminal.ts';
import { withSession } from '../session.ts';

interface TailOptions extends OutputOptions {
  readonly after?: FeedPlace;
  readonly all?: true;
  readonly once?: true;
  readonly type?: EventType;
  readonly subject?: string;
}

/** Why it cannot begin, or go on, where it was asked to. */
const ENDED = {
  dropped: 'Events that came after this one have been dropped.',
  lost: 'The event of this cursor is not there: the ledger was restored from a backup, or lost its end with a server.',
  not_known:
    'A transaction that writes is open for long, and until it ends nobody knows which event is the latest (docs/runbooks.md, TollgateEventsHeldBack).',
};
const PAGE = 200;

export function eventsCommand({ terminal, end }: CommandContext): Command {
  const group = new Command('events').description('what happened, in order');
  const tail = group
    .command('tail')
    .description('print events as they happen, until Ctrl-C')
    .addOption(
      new Option('--after <cursor>', 'begin after this event').argParser(parseCursor).conflicts('all'),
    )
    .option('--all', 'begin with the oldest event that is kept, instead of now')
    .option('--once', 'end when all that has happened is printed')
    .addOption(new Option('--type <type>', 'only events of this type').choices(EVENT_TYPE_NAMES))
    .option('--subject <subject>', 'only what happened to this, for example payment:42', parseSubject)
    .option('--json', 'print each event as one line of JSON, a CloudEvent')
    .action((options: TailOptions) => end(tailEvents(terminal, options)));
  const examples = [
    ['events tail', 'what is happening?'],
    ['events tail --all --once --subject payment:42', 'what happened to this payment?'],
  ] as const;
  withExamples(tail, examples);
  return withExamples(group, examples);
}

function parseCursor(text: string): FeedPlace {
  const after = readPlace(text);
  if (typeof after === 'object') return after;
  throw new InvalidArgumentError('It must be the cursor of an event, such as e4711-2f0a91c4.');
}

function parseSubject(text: string): string {
  const message = explainSubject(text);
  if (message === undefined) return text;
  throw new InvalidArgumentError(`It ${message}.`);
}

/** `events tail` */
async function tailEvents(terminal: Terminal, options: TailOptions): Promise<ExitCode> {
  return await withSession(async ({ pool, config }) => {
    const { type, subject, once } = options;
    const { source } = config.events;
    const away = complainOnce(terminal);
    const feed = createEventFeed({ pool, onError: away.complain });
    const query = { limit: PAGE, subject, ...(type === undefined ? {} : { types: [type] }) };
    const from: FeedPlace | 'latest' = options.after ?? (options.all || once ? BEGINNING : 'latest');
    let readTo: FeedPlace | 'latest' = from;
    const ending = await interruptible((signal) =>
      followEvents(
        feed,
        { ...query, after: from },
        {
          once: once ?? false,
          signal,
          onPage({ events, lookedTo }) {
            for (const event of events)
              terminal.print(options.json ? renderCloudEvent(event, source) : renderLine(event));
            readTo = lookedTo;
            away.end();
          },
          onAway: away.complain,
        },
      ),
    ).finally(() => feed.stop());
    if (ending === 'dropped' || ending === 'lost' || ending === 'not_known') {
      terminal.complain(
        `${ENDED[ending]} Begin with --all${ending === 'not_known' ? '' : ', or with what happens now'}.`,
      );
      return EXIT.failed;
    }
    if (readTo !== 'latest' && readTo.id !== BEGINNING.id && !options.json)
      terminal.complain(`Go on with: npx tollgate events tail --after ${encodePlace(readTo)}`);
    return ending === 'done' ? EXIT.done : EXIT.interrupted;
  });
}

/** Says once that the database is away, however often it is asked meanwhile. */
function complainOnce(terminal: Terminal) {
  let isAway = false;
  return {
    complain(error: unknown): void {
      if (isAway) return;
      isAway = true;
      const reason = error instanceof Error ? error.message : String(error);
      terminal.complain(`The database gives no answer, and is asked again: ${reason}`);
    },
    end(): void {
      isAway = false;
    },
  };
}

function renderLine({ createdAt, type, subject, data }: StoredEvent): string {
  return `${createdAt.toISOString()}  ${type}  ${subject}  ${unpackData(type, data)}`;
}
