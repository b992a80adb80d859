const loading = document.getElementById('loading') as HTMLElement;
const notice = document.getElementById('notice') as HTMLElement;

/** What the page is waiting for. */
export function showLoading(text: string): void {
  loading.textContent = text;
}

export function hideLoading(): void {
  loading.hidden = true;
}

/** A sentence that stays in the corner. */
export function showNotice(text: string): void {
  notice.textContent = text;
}

/** Says on the page what went wrong; the console has the rest. */
export function showError(error: unknown): void {
  console.error(error);
  hideLoading();
  notice.classList.add('error');
  notice.textContent = error instanceof Error ? error.message : String(error);
}
