/** `00:09:11` under a day, then `3d04h12m`, then `2w1d04h`, as the Zebra family prints how long something is up. */
export function uptime(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  if (days >= 7) return `${Math.floor(days / 7)}w${days % 7}d${two(hours)}h`;
  if (days > 0) return `${days}d${two(hours)}h${two(minutes)}m`;
  return `${two(hours)}:${two(minutes)}:${two(Math.floor(seconds) % 60)}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
