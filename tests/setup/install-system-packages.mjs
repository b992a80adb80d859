/**
 * Installs what the tests need from the system and a fresh machine lacks: a Vulkan driver that runs on the processor
 * (Mesa's lavapipe, 25 or newer: bookworm's own 22.3 gives no WebGPU adapter) and Chromium. Debian and its relatives, as
 * root or with sudo; elsewhere it says what to install. Does nothing where both are found.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

const chromium = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].some(
  (path) => path && existsSync(path),
);
const icdFolders = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d'].filter((path) => existsSync(path));
/** Debian's version of Mesa, where dpkg knows one: an older one's files are there as well, but no adapter comes of them. */
const mesa = spawnSync('dpkg-query', ['-W', '-f', '${Version}', 'mesa-vulkan-drivers'], { encoding: 'utf8' }).stdout ?? '';
const known = Number.parseInt(mesa, 10) < 25 ? /^nvidia/ : /^(lvp|nvidia|radeon)/;
const driver = Boolean(process.env.VK_DRIVER_FILES) || icdFolders.some((path) => readdirSync(path).some((name) => known.test(name)));
if (chromium && driver) process.exit(0);

const missing = [!chromium && 'Chromium', !driver && 'a Vulkan driver (Mesa 25 or newer)'].filter(Boolean).join(' and ');
const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
const root = process.getuid?.() === 0;
const sudo = !root && spawnSync('sudo', ['-n', 'true']).status === 0;
if (!/debian|ubuntu/i.test(release) || (!root && !sudo)) {
  console.error(`The tests need ${missing}. Install chromium and mesa-vulkan-drivers, or set CHROMIUM_PATH and VK_DRIVER_FILES.`);
  process.exit(1);
}

const run = (command, args) => {
  const line = root ? [command, ...args] : ['sudo', '-n', command, ...args];
  const { status } = spawnSync(line[0], line.slice(1), { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  if (status !== 0) {
    console.error(`${line.join(' ')} failed with ${status}`);
    process.exit(1);
  }
};
/** The mirror that the machine already uses, for the backports suite too. */
const mirror = () => {
  const sources = ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list'].filter((path) => existsSync(path));
  const text = sources.map((path) => readFileSync(path, 'utf8')).join('\n');
  return /^URIs:\s*(\S+)/m.exec(text)?.[1] ?? /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)/m.exec(text)?.[1];
};

console.log(`installing ${missing}: some minutes, with nothing said`);
const bookworm = /VERSION_CODENAME=bookworm/.test(release);
if (!driver && bookworm) {
  const list = '/etc/apt/sources.list.d/neural-sdf-backports.list';
  const from = mirror();
  if (!from) {
    console.error('No Debian mirror found in the sources lists: install mesa-vulkan-drivers 25 or newer by hand (bookworm-backports).');
    process.exit(1);
  }
  const line = `deb ${from} bookworm-backports main\n`;
  if (root) writeFileSync(list, line);
  else spawnSync('sudo', ['-n', 'tee', list], { input: line, stdio: ['pipe', 'ignore', 'inherit'] });
}
run('apt-get', ['update', '-q']);
const install = ['install', '-y', '-q', '--no-install-recommends'];
if (!driver) run('apt-get', [...install, ...(bookworm ? ['-t', 'bookworm-backports'] : []), 'mesa-vulkan-drivers', 'libvulkan1']);
if (!chromium) run('apt-get', [...install, 'chromium']);
