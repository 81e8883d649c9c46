import { z } from 'zod';

/** As core's `Container`, in a place: the element (a lab, a k3d cluster) whose removal takes the place with it. */
export const Within = z.strictObject({ step: z.string(), key: z.string() }).optional();
