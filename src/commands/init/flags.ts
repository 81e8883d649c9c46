import type { InitAnswers } from '../../config/init.ts';

/** The answers, as flags say them. */
export interface InitFlags {
  readonly name?: string;
  readonly provider?: InitAnswers['provider'];
  readonly topology?: 'vm' | 'flat';
  readonly servers?: number;
  readonly agents?: number;
  readonly controlPlane?: readonly string[];
  readonly worker?: readonly string[];
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly nodes?: string;
  readonly pods?: string;
  readonly services?: string;
  readonly asNumber?: string;
  readonly router?: readonly string[];
}
