/** The part of a CRD's structural schema that decides what is kept and what is refused. */
export type Schema =
  | {
      readonly type: 'object';
      readonly properties?: Readonly<Record<string, Schema>>;
      readonly additionalProperties?: Schema;
      readonly required?: readonly string[];
      /** Everything inside is kept, known or not. */
      readonly open?: boolean;
    }
  | { readonly type: 'array'; readonly items: Schema }
  | {
      readonly type: 'string';
      readonly enum?: readonly string[];
      readonly default?: string;
      readonly nullable?: boolean;
    }
  | {
      readonly type: 'integer';
      readonly minimum?: number;
      readonly maximum?: number;
      readonly default?: number;
      readonly nullable?: boolean;
    }
  | { readonly type: 'boolean' };

export const string = { type: 'string' } as const;
export const integer = { type: 'integer' } as const;
export const boolean = { type: 'boolean' } as const;
export const oneOf = (...values: readonly string[]): Schema => ({ type: 'string', enum: values });
export const array = (items: Schema): Schema => ({ type: 'array', items });
export const map = (additionalProperties: Schema): Schema => ({ type: 'object', additionalProperties });
export const object = (properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema => ({
  type: 'object',
  properties,
  ...(required.length > 0 && { required }),
});
