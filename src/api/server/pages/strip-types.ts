import { stripTypeScriptTypes } from 'node:module';

const { emitWarning } = process;

/**
 * Takes the types off a file of the console. Node runs our own files in the same way and says nothing, but of this function it says,
 * once for each process, that it may change. Which Node runs is ours to choose, and a test loads every file of the console with
 * it; in the log of a service the sentence reads like a fault, so this one is left out and every other warning goes on.
 */
export function stripTypes(source: string): string {
  process.emitWarning = passOthersOn as typeof process.emitWarning;
  try {
    return stripTypeScriptTypes(source);
  } finally {
    process.emitWarning = emitWarning;
  }
}

function passOthersOn(...parameters: Parameters<typeof emitWarning>): void {
  if (!String(parameters[0]).startsWith('stripTypeScriptTypes '))
    Reflect.apply(emitWarning, process, parameters);
}
