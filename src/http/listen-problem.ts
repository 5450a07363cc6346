export interface ListenPlace {
  readonly host: string;
  readonly port: number;
  /** The name of the port's setting; the host's setting is named in the same way. */
  readonly portSetting: string;
}

/** One sentence for a person that explains why a process cannot listen, with the setting to change. */
export function describeListenProblem(
  error: NodeJS.ErrnoException,
  { host, port, portSetting }: ListenPlace,
): string {
  const place = `Port ${port} on ${host}`;
  const hostSetting = portSetting.replace(/PORT$/, 'HOST');
  const code = error.code ?? '';
  switch (code) {
    case 'EADDRINUSE':
      return `${place} is in use. Stop the program that uses it, or set ${portSetting} to another port.`;
    case 'EACCES':
    case 'EPERM':
      return `This user may not open port ${port} on ${host} (${code}). Set ${portSetting} to ${port < 1024 ? 'a port above 1023' : 'another port'}.`;
    case 'EADDRNOTAVAIL':
      return `${host} is not an address of this machine. Set ${hostSetting} to one of its addresses, such as 127.0.0.1.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The host ${host} in ${hostSetting} cannot be resolved (${code}). Set ${hostSetting} to an address of this machine, such as 127.0.0.1.`;
    case 'EAFNOSUPPORT':
      return `This machine has no addresses of the same kind as ${host}. Set ${hostSetting} to one of its addresses.`;
    case 'EMFILE':
    case 'ENFILE':
      return `${place} cannot be opened: this process has reached its limit of open files (${code}).`;
    default:
      return `${place} (${hostSetting}, ${portSetting}) cannot be listened on: ${error.message}.`;
  }
}
