#!/usr/bin/env node
import { keepCompiled } from '../dist/process/keep-compiled.js';

keepCompiled(process.env);
const { main } = await import('../dist/main.js');
process.exitCode = await main(process.argv.slice(2));
