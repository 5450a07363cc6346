import { readAmount } from './read-amount.ts';

const complaintAbout = (text: string, currency: string) => {
  try {
    readAmount('--fixed', text, currency);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error(`${text} was taken`);
};

test.each(['USD', 'JPY', 'KWD', 'CLF'])('an example of an amount in %s is one that is taken', (currency) => {
  for (const text of ['', 'x', '-1', '0.00001', '9'.repeat(30)]) {
    const [, example = ''] = /, such as (\S+)\.$/.exec(complaintAbout(text, currency)) ?? [];
    expect(readAmount('--fixed', example, currency)).toBe(1250n);
  }
});

test('nothing is an amount, and the option is named', () => {
  expect(readAmount('--fixed', '0', 'JPY')).toBe(0n);
  expect(complaintAbout('0.5', 'JPY')).toBe('--fixed must be an amount in JPY, such as 1250.');
});
