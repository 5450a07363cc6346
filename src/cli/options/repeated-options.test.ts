import type { Command, Option } from 'commander';
import { createProgram } from '../create-program.ts';
import type { Terminal } from '../output/terminal.ts';

const silent: Terminal = {
  print() {},
  complain() {},
  isInteractive: false,
  confirm: async () => false,
  progress: () => ({ update() {}, end() {} }),
};

/** A value that an option takes. */
const VALUES: Readonly<Record<string, string>> = {
  '--user': '1',
  '--wallet': '1',
  '--limit': '5',
  '--rate': '5',
  '--seconds': '5',
  '--users': '5',
  '--url': 'http://127.0.0.1:1',
  '--after': 'e1-00000000',
  '--subject': 'payment:1',
  '--created-after': '2026-01-01T00:00:00Z',
  '--created-before': '2026-01-01T00:00:00Z',
};

/** A value by what stands in the flags for it: options of one name take different things in different commands. */
const VALUES_BY_PLACE: Readonly<Record<string, string>> = {
  '<time>': '2026-01-01T00:00:00Z',
  '<code>': 'USD',
};

function optionsOf(
  command: Command,
  path: readonly string[] = [],
): [path: readonly string[], option: Option][] {
  return [
    ...command.options
      .filter((option) => !option.isBoolean())
      .map((option) => [path, option] as [string[], Option]),
    ...command.commands.flatMap((child) => optionsOf(child, [...path, child.name()])),
  ];
}

const all = optionsOf(createProgram(silent, () => {}));

test('there are many options with a value', () => {
  expect(all.length).toBeGreaterThan(25);
});

test.each(
  all
    .filter(([, option]) => !option.variadic)
    .map(([path, option]) => [path.join(' '), option.long ?? '', option] as const),
)('%s refuses a second %s', async (path, name, option) => {
  const program = createProgram(silent, () => {});
  let said = '';
  const quiet = (command: Command): void => {
    command.configureOutput({ writeErr: (text) => (said += text) });
    command.commands.forEach(quiet);
  };
  quiet(program);
  const value =
    option.argChoices?.[0] ?? VALUES[name] ?? VALUES_BY_PLACE[option.flags.split(' ').at(-1) ?? ''] ?? 'x';
  const args = [...path.split(' '), name, value, `${name}=${value}`];
  await expect(program.parseAsync(['node', 'tollgate', ...args])).rejects.toThrow();
  expect(said).toContain(`option '${option.flags}' was given more than once`);
});
