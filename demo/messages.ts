const loading = document.getElementById('loading') as HTMLElement;
const notice = document.getElementById('notice') as HTMLElement;

/** What the page is waiting for. */
export function showLoading(text: string): void {
  loading.hidden = false;
  loading.textContent = text;
}

export function hideLoading(): void {
  loading.hidden = true;
}

/** What the page is like, as long as it is open: shown whenever there is no other notice. */
let standing = '';

export function showStandingNotice(text: string): void {
  standing = text;
  showNotice('');
}

/** A sentence that stays in the corner until the next one; none takes the last one away. */
export function showNotice(text: string): void {
  notice.classList.remove('error');
  notice.textContent = text || standing;
}

/** Says on the page what went wrong; the console has the rest. */
export function showError(error: unknown): void {
  console.error(error);
  hideLoading();
  notice.classList.add('error');
  notice.textContent = error instanceof Error ? error.message : String(error);
}

notice.addEventListener('click', () => showNotice(''));
