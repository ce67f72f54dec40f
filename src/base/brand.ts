declare const brand: unique symbol;

/** A value that only its parser can make: the parser is the one place with a cast. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
