/** What is entered in a form, by the names of its fields, without spaces around it. */
export function readForm(form: HTMLFormElement): Record<string, string> {
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));
}

/** The same for currencies, which people may write in small letters. */
export function readFilters(form: HTMLFormElement): Record<string, string> {
  const values = readForm(form);
  for (const name of ['currency', 'from', 'to'])
    if (values[name] !== undefined) values[name] = values[name].toUpperCase();
  return values;
}
