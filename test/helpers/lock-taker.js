// Tries to take a lock when it is told to, and keeps it until it is killed.
import { takeLock } from '../../dist/state/lock.js';

process.on('message', (path) => {
  try {
    takeLock(path, 'up');
    process.send('taken');
  } catch (error) {
    process.send(error.code ?? String(error));
  }
});
process.send('here');
