const SPELLINGS: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['true', 't', 'yes', 'y', 'on', '1'].map((text) => [text, true])),
  ...Object.fromEntries(['false', 'f', 'no', 'n', 'off', '0'].map((text) => [text, false])),
};

/** The spellings of oslo.utils' strutils.bool_from_string, in capitals or not; all others are invalid. */
export function booleanFrom(text: string): boolean | undefined {
  return SPELLINGS[text.trim().toLowerCase()];
}
