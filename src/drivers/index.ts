import { imish } from './imish.ts';
import type { Platform } from './modes.ts';

/** Every network operating system that cpaas holds conversations with. */
export const platforms: readonly Platform[] = [imish];
