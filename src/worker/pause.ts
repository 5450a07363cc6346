/** A sleep that can be ended early. A call to `end` while nobody sleeps ends the next sleep at once, so no wake-up is lost. */
export function createPause() {
  let isEnded = false;
  let wakeSleeper: (() => void) | undefined;

  return {
    async wait(ms: number): Promise<void> {
      if (!isEnded) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wakeSleeper = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      isEnded = false;
      wakeSleeper = undefined;
    },
    end(): void {
      isEnded = true;
      wakeSleeper?.();
    },
  };
}
