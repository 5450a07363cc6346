import { parseEnv } from 'node:util';
import { parseEnvFile } from './env-file.ts';

const NAMES = ['API_PORT', 'DATABASE_URL', 'GATEWAY_MAX_ATTEMPTS', 'APP_NAME'];
const read = (text: string | Buffer) => parseEnvFile(Buffer.from(text), NAMES);

test.each([
  ['API_PORT=1', { API_PORT: '1' }],
  ['  API_PORT = 1  ', { API_PORT: '1' }],
  ['export API_PORT=1', { API_PORT: '1' }],
  ['API_PORT=1 # where it answers', { API_PORT: '1' }],
  ['API_PORT=', { API_PORT: '' }],
  ['API_PORT= # the default', { API_PORT: '' }],
  ['# API_PORT=1\n\n# API_PORT=2\nAPI_PORT=3', { API_PORT: '3' }],
  ['APP_NAME="a b" # named', { APP_NAME: 'a b' }],
  ["APP_NAME='a # b'", { APP_NAME: 'a # b' }],
  ['APP_NAME=`it\'s "it"`', { APP_NAME: 'it\'s "it"' }],
  ['APP_NAME="a\\nb"', { APP_NAME: 'a\nb' }],
  ["APP_NAME='a\\nb'", { APP_NAME: 'a\\nb' }],
  ['APP_NAME="a\nb"\nAPI_PORT=1', { APP_NAME: 'a\nb', API_PORT: '1' }],
  ['APP_NAME=a=b', { APP_NAME: 'a=b' }],
  ['API_PORT=1\r\nAPP_NAME=x\r\n', { API_PORT: '1', APP_NAME: 'x' }],
])('%j is read, and as Node reads it', (text, values) => {
  expect(read(text)).toEqual({
    values: new Map(Object.entries(values)),
    lines: expect.any(Map),
    problems: [],
    unknown: [],
  });
  expect(parseEnv(text)).toEqual(values);
});

test('a byte-order mark does not hide the first line', () => {
  expect(read('\uFEFFAPI_PORT=1\nAPP_NAME=x').values).toEqual(
    new Map([
      ['API_PORT', '1'],
      ['APP_NAME', 'x'],
    ]),
  );
});

test('each value is kept with its line', () => {
  const { lines } = read('# first\nAPP_NAME="a\nb"\n\nAPI_PORT=1');
  expect(lines).toEqual(
    new Map([
      ['APP_NAME', 2],
      ['API_PORT', 5],
    ]),
  );
});

test.each([
  ['API_PORT: 1', 'line 1: API_PORT must be followed by =, as in API_PORT=value'],
  ['APP_NAME=x\nAPI_PORT 1', 'line 2: API_PORT must be followed by =, as in API_PORT=value'],
  ['API_PORT', 'line 1: API_PORT must be followed by =, as in API_PORT=value'],
  ['set API_PORT=1', 'line 1 is not NAME=value'],
  ['$env:API_PORT=1', 'line 1 is not NAME=value'],
  ['hunter2', 'line 1 is not NAME=value'],
  ['{"API_PORT": 1}', 'line 1 is not NAME=value'],
  ['=1', 'line 1 is not NAME=value'],
  ['API_PORT=1\n\nAPI_PORT=2', 'line 3: API_PORT is already set on line 1'],
  ['API_PROT=1', 'line 1: there is no setting API_PROT. Did you mean API_PORT?'],
  ['api_port=1', 'line 1: there is no setting api_port. Did you mean API_PORT?'],
  ['API-PORT=1', 'line 1: there is no setting API-PORT. Did you mean API_PORT?'],
  ['APP_NAME="a', 'line 1: the value of APP_NAME begins with a " that is never closed'],
  ["\nAPP_NAME='a\nAPI_PORT=1", "line 2: the value of APP_NAME begins with a ' that is never closed"],
  ['APP_NAME="a"b', 'line 1: there is text after the closing " of APP_NAME'],
  [
    'DATABASE_URL=postgres://ana:hunt#er2@host/db',
    'line 1: the # in DATABASE_URL could begin a comment: put the value in quotes, or write %23 instead if it is a URL',
  ],
])('%j is refused with its line, and without its value', (text, problem) => {
  const { problems } = read(text);
  expect(problems).toEqual([problem]);
});

test('every wrong line is reported', () => {
  expect(read('API_PORT: 1\nAPP_NAME=x\nGATEWAY_MAX_ATTEMPT=1').problems).toHaveLength(2);
});

test('settings of other programs are reported and left alone', () => {
  expect(read('POSTGRES_PASSWORD=x\nAPI_PORT=1')).toMatchObject({
    problems: [],
    unknown: [{ name: 'POSTGRES_PASSWORD', line: 1 }],
  });
});

test.each([
  ['UTF-16 with its mark', Buffer.from('\uFEFFAPI_PORT=1\n', 'utf16le')],
  ['UTF-16 the other way round', Buffer.from('\uFEFFAPI_PORT=1\n', 'utf16le').swap16()],
  ['UTF-16 without a mark', Buffer.from('API_PORT=1\n', 'utf16le')],
])('%s is reported', (_kind, bytes) => {
  expect(read(bytes).problems).toEqual(['it is encoded in UTF-16. Save it as UTF-8']);
});

test('bytes that are not UTF-8 are reported with their line', () => {
  const bytes = Buffer.concat([
    Buffer.from('API_PORT=1\nAPP_NAME='),
    Buffer.from([0xfc]),
    Buffer.from('ber\n'),
  ]);
  expect(read(bytes).problems).toEqual(['line 2 is not UTF-8. Save the file as UTF-8']);
});
