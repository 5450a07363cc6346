import { stripTypeScriptTypes } from 'node:module';

const { emitWarning } = process;

/**
 * Strips the types from a file of the console. Node does the same silently to run our own files, but for this function it warns once per
 * process that the function may change. We choose the Node version, and a test loads every console file with it. In a service's log the
 * warning looks like a fault, so this one is suppressed and all others are passed on.
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
