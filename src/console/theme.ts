import { useEffect, useState } from 'preact/hooks';
import { html } from './html.ts';

const THEME_KEY = 'tollgate.theme';
const THEMES = { auto: 'System theme', light: 'Light theme', dark: 'Dark theme' } as const;
type Theme = keyof typeof THEMES;

/** Dark, light, or the system's preference; remembered in this browser. */
export function ThemeSwitch() {
  const [theme, setTheme] = useState<Theme>((localStorage.getItem(THEME_KEY) as Theme | null) ?? 'auto');
  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const apply = () => {
      document.documentElement.dataset.theme = theme === 'auto' ? (dark.matches ? 'dark' : 'light') : theme;
    };
    apply();
    localStorage.setItem(THEME_KEY, theme);
    dark.addEventListener('change', apply);
    return () => dark.removeEventListener('change', apply);
  }, [theme]);
  return html`<select class="small" aria-label="Theme" onChange=${(event: Event) => setTheme((event.target as HTMLSelectElement).value as Theme)}>
    ${Object.entries(THEMES).map(([value, name]) => html`<option value=${value} selected=${value === theme}>${name}</option>`)}
  </select>`;
}
