const VARIANT_WORD = new RegExp(
  '^(?:' +
    [
      // Debian's code names
      'buzz|rex|bo|hamm|slink|potato|woody|sarge|etch|lenny|squeeze|wheezy|jessie|stretch|buster',
      'bullseye|bookworm|trixie|forky|duke|sid',
      // Ubuntu's LTS code names
      'trusty|xenial|bionic|focal|jammy|noble|resolute',
      'slim|alpine(?:\\d+(?:\\.\\d+)*)?|distroless|musl|ubi\\d*|busybox|uclibc|glibc',
      'windowsservercore|nanoserver|ltsc\\d{4}',
    ].join('|') +
    ')$',
);

/**
 * What a tag says of the system below the software, in the words that official images use:
 * `1.25-bookworm-slim` → `bookworm-slim`, `3.19-alpine3.20` → `alpine3.20`; null where it says
 * nothing. Read off the name alone: nobody checked the content.
 */
export function tagVariant(tag: string): string | null {
  const words = tag.split('-').filter((word) => VARIANT_WORD.test(word));
  return words.length === 0 ? null : words.join('-');
}
