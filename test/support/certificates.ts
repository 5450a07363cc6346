import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

/** Whether there is openssl, which certificates are made with (Debian: apt-get install openssl). */
export function canMakeCertificates(): boolean {
  return (process.env.PATH ?? '')
    .split(path.delimiter)
    .some((folder) => existsSync(path.join(folder, 'openssl')));
}

/** Makes an authority of its own, whose certificates nobody else believes. */
export function createAuthority(folder: string) {
  const files = { certFile: path.join(folder, 'ca.pem'), keyFile: path.join(folder, 'ca.key') };
  runOpenssl([
    ...newKey('authority'),
    '-x509',
    '-days',
    '2',
    '-keyout',
    files.keyFile,
    '-out',
    files.certFile,
  ]);

  return {
    certFile: files.certFile,
    cert: readFileSync(files.certFile, 'utf8'),
    /** @param name a host's name or address, or a client's name. */
    issue(name: string): Certificate {
      const at = (ending: string) => path.join(folder, `${name}.${ending}`);
      const extensions = at('ext');
      const kind = /^[\d.]+$/.test(name) ? 'IP' : 'DNS';
      writeFileSync(extensions, `subjectAltName=${kind}:${name}\nextendedKeyUsage=serverAuth,clientAuth\n`);
      runOpenssl([...newKey(name), '-keyout', at('key'), '-out', at('csr')]);
      runOpenssl([
        ...[
          'x509',
          '-req',
          '-in',
          at('csr'),
          '-CA',
          files.certFile,
          '-CAkey',
          files.keyFile,
          '-CAcreateserial',
        ],
        ...['-days', '2', '-extfile', extensions, '-out', at('pem')],
      ]);
      const [certFile, keyFile] = [at('pem'), at('key')];
      return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
    },
  };
}

const newKey = (name: string) => [
  ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', `/CN=${name}`],
];

function runOpenssl(args: readonly string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`);
}
