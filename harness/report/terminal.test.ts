import test from 'ava';
import { PHASES } from '../timeline/phases.ts';
import { exampleReport } from './example.ts';
import { page } from './page/page.ts';
import type { Result } from './result.ts';
import { plain } from './terminal-text.ts';
import { terminalSummary } from './terminal.ts';
