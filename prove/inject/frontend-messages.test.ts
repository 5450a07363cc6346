import { createFrontendReader } from './frontend-messages.ts';

const text = (value: string) => Buffer.from(`${value}\0`);
function message(type: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(4);
  head.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), head, body]);
}
function startup(): Buffer {
  const body = Buffer.concat([Buffer.from([0, 3, 0, 0]), text('user'), text('tollgate'), Buffer.from([0])]);
  return message('', body);
}

function startedReader() {
  const reader = createFrontendReader();
  expect(reader.read(startup())).toEqual([]);
  return reader;
}

test('a simple COMMIT is seen when it is whole', () => {
  expect(startedReader().read(message('Q', text('commit')))).toEqual(['commit']);
  expect(startedReader().read(message('Q', text('COMMIT;')))).toEqual(['commit']);
  expect(startedReader().read(message('Q', text('insert into t values (1); commit')))).toEqual(['commit']);
});

test('what only looks like a COMMIT is none', () => {
  const reader = startedReader();
  expect(reader.read(message('Q', text('select * from commits')))).toEqual([]);
  expect(reader.read(message('Q', text('begin; select 1')))).toEqual([]);
});

test('a COMMIT that comes byte by byte is seen with its last byte', () => {
  const reader = startedReader();
  const bytes = [...message('Q', text('commit'))].map((byte) => Buffer.from([byte]));
  const marks = bytes.map((byte) => reader.read(byte));
  expect(marks.slice(0, -1).flat()).toEqual([]);
  expect(marks.at(-1)).toEqual(['commit']);
});

test('a prepared claim is seen each time it is run, with its Sync', () => {
  const reader = startedReader();
  const parse = message('P', text('claim'), text('with a as (insert into payment_attempts ...) select 1'));
  const bind = message('B', text(''), text('claim'), Buffer.from([0, 0]));
  const sync = message('S');
  expect(reader.read(Buffer.concat([parse, bind]))).toEqual([]);
  expect(reader.read(sync)).toEqual(['claim']);
  expect(reader.read(Buffer.concat([bind, sync]))).toEqual(['claim']);
  expect(reader.read(sync)).toEqual([]);
});

test('a request for encryption before the start is passed over', () => {
  const reader = createFrontendReader();
  expect(reader.read(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]))).toEqual([]);
  reader.read(startup());
  expect(reader.read(message('Q', text('commit')))).toEqual(['commit']);
});
