import { describeDatabase, findAddressProblem } from './database-address.ts';

test.each([
  'postgres://ana:hunter2@db.example:5432/tollgate',
  'postgresql://db.example/tollgate?sslmode=require',
  'postgres://ana:hunt%23er%2F2%40@db.example/tollgate',
  'postgres://ana:hunter2@[::1]:5432/tollgate',
  'postgres:///tollgate?host=/run/postgresql',
  'postgres://ana:hunter2@/tollgate?host=/run/postgresql',
  'postgres://ana:hunter2@%2Frun%2Fpostgresql/tollgate',
])('%s can be used', (address) => {
  expect(findAddressProblem(address)).toBeUndefined();
});

test.each([
  ['mysql://ana:hunter2@db/x', 'must start with postgres://'],
  ['postgres://ana:hunt#er2@db.example/x', 'contains a #'],
  ['postgres://ana:12#er2@db.example/x', 'contains a #'],
  ['postgres://ana:hunt/er2@db.example/x', 'write # as %23'],
  ['postgres://ana:12/er2@db.example/x', 'write # as %23'],
  ['postgres://ana:hunt?er2@db.example/x', 'write # as %23'],
  ['postgres://ana:hunt%er2@db.example/x', 'contains a %'],
  ['postgres://ana:hunter2@db.example:port/x', 'not a valid URL'],
])('%s is refused without being shown', (address, why) => {
  expect(findAddressProblem(address)).toContain(why);
  expect(findAddressProblem(address)).not.toMatch(/hunt|er2/);
});

test.each([
  ['postgres://ana:hunter2@db.example:5432/tollgate', 'tollgate on db.example:5432'],
  ['postgres://ana:hunter2@/tollgate?host=/run/postgresql', 'tollgate on /run/postgresql'],
  ['postgres:///tollgate', 'tollgate on this machine'],
  ['postgres://db.example', 'of the default name on db.example'],
  ['nonsense', 'in DATABASE_URL'],
])('only the place of %s is shown', (address, shown) => {
  expect(describeDatabase(address)).toBe(shown);
});
