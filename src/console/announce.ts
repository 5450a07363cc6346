import { useEffect, useState } from 'preact/hooks';
import { html } from './html.ts';

const SHOWN_MS = 8000;
const target = new EventTarget();

/** Tells a person what was done, on screen and through a screen reader. */
export function announce(text: string): void {
  target.dispatchEvent(new CustomEvent('announce', { detail: text }));
}

/** Where announcements appear. It is always on the page, because a screen reader announces only changes of an existing element. */
export function Announcements() {
  const [text, setText] = useState('');
  useEffect(() => {
    let timer = 0;
    const show = (event: Event) => {
      setText((event as CustomEvent<string>).detail);
      clearTimeout(timer);
      timer = setTimeout(() => setText(''), SHOWN_MS) as unknown as number;
    };
    target.addEventListener('announce', show);
    return () => {
      clearTimeout(timer);
      target.removeEventListener('announce', show);
    };
  }, []);
  return html`<p class="announcement" role="status" aria-label="What was done">${text}</p>`;
}
