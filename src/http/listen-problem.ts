export interface ListenPlace {
  readonly host: string;
  readonly port: number;
  /** The setting that holds the port; the one of the host is named alike. */
  readonly portSetting: string;
}

/** One sentence for a person, with the setting to change, for whatever keeps a process from listening. */
export function describeListenProblem(
  error: NodeJS.ErrnoException,
  { host, port, portSetting }: ListenPlace,
): string {
  const place = `Port ${port} on ${host}`;
  const hostSetting = portSetting.replace(/PORT$/, 'HOST');
  const code = error.code ?? '';
  switch (code) {
    case 'EADDRINUSE':
      return `${place} is in use. Stop what uses it, or set ${portSetting} to another port.`;
    case 'EACCES':
    case 'EPERM':
      return `${place} may not be opened by this user (${code}). Set ${portSetting} to ${port < 1024 ? 'a port above 1023' : 'another port'}.`;
    case 'EADDRNOTAVAIL':
      return `${host} is not an address of this machine. Set ${hostSetting} to one that is, such as 127.0.0.1.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The host ${host} of ${hostSetting} is not known (${code}). Set ${hostSetting} to an address of this machine, such as 127.0.0.1.`;
    case 'EAFNOSUPPORT':
      return `This machine has no addresses of the kind of ${host}. Set ${hostSetting} to one that it has.`;
    case 'EMFILE':
    case 'ENFILE':
      return `${place} cannot be opened: this process has as many files open as it may (${code}).`;
    default:
      return `${place} (${hostSetting}, ${portSetting}) cannot be listened on: ${error.message}.`;
  }
}
