import { z } from 'zod';
import { ClusterFile } from './schema.ts';

/** The cluster file as JSON Schema, draft 7: what editors know best. It describes the file as written, so defaults may be left out. */
export function clusterJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(ClusterFile, { io: 'input', target: 'draft-7' });
}
