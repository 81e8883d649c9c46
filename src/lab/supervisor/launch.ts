import { spawn } from 'node:child_process';
import { open, readdir, readFile } from 'node:fs/promises';
import { labLayout } from '../layout.ts';
import { ROOT_PATH } from '../machines/run.ts';

/**
 * Process 1 of the lab's PID namespace: reaps whoever loses his parent, which Node does not do, and ends with the supervisor; then the
 * kernel ends everything else in there.
 */
const REAPER = '"$@" & wait "$!"';
const titleOf = (lab: string): string => `cpaas-lab:${lab}`;

/**
 * Starts a supervisor that outlives us and our terminal. Answers when it has ended, which it does at once when another one holds
 * the lab's lock.
 */
export async function launch(lab: string, program: string): Promise<{ readonly ended: Promise<void> }> {
  const { lock, supervisorLog } = labLayout(lab);
  const log = await open(supervisorLog, 'a');
  try {
    const isolated = ['unshare', '--pid', '--fork', '--kill-child=KILL', '--', 'sh', '-c', REAPER, titleOf(lab)];
    const argv = ['--nonblock', lock, ...isolated, process.execPath, program, lab];
    const child = spawn('flock', argv, {
      cwd: '/',
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      // Nothing of the asker's, who may carry passwords there: the lab outlives him.
      env: { PATH: ROOT_PATH, HOME: '/root', LANG: 'C.UTF-8' },
    });
    child.unref();
    const ended = new Promise<void>((resolve) => {
      child.once('error', () => resolve());
      child.once('exit', () => resolve());
    });
    return { ended };
  } finally {
    await log.close();
  }
}

/** Processes whose end is the end of the lab's supervisor and of all it has started: by their exact words, whatever wrote down what. */
export async function supervisors(lab: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const argv = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
      const at = argv.indexOf(REAPER);
      return at > 0 && argv[at + 1] === titleOf(lab) && argv[0] !== 'flock' ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}
