/** X.509 certificates as RFC 5280 encodes them, signed by ECDSA with SHA-256. */

import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto';
import * as asn1 from 'asn1js';

type Item = asn1.AsnType;

/** What a certificate says; what is not there has no extension. */
export interface CertificateRequest {
  readonly subject: string;
  readonly issuer: string;
  /** The subject's. */
  readonly publicKey: KeyObject;
  readonly signedBy: KeyObject;
  /** Big-endian, positive. */
  readonly serial: Buffer;
  readonly valid: { readonly notBefore: Date; readonly notAfter: Date };
  /** Whose it is: an authority's that signs no other authority, or that of one side of a connection. */
  readonly usage: 'authority' | 'server' | 'client';
}

/** RFC 5280, section 4.2.1, and RFC 5758, section 3.2. */
const OID = {
  commonName: '2.5.4.3',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
} as const;

/** Bits of KeyUsage, the first at the left; how many of the last byte stay unused. */
const KEY_USAGE = {
  /** keyCertSign and cRLSign. */
  authority: { bits: 0b0000_0110, unused: 1 },
  /** digitalSignature: all that TLS does with a key for ECDSA (RFC 5480, section 3). */
  end: { bits: 0b1000_0000, unused: 7 },
} as const;

const YEAR_OF_GENERALIZED_TIME = 2050;

/** The certificate, PEM. It has the extensions of RFC 5280, section 4.2, that a strict verifier asks for. */
export function certificatePem(request: CertificateRequest): string {
  const { subject, issuer, publicKey, signedBy, serial, valid } = request;
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const version3 = new asn1.Integer({ value: 2 });
  const tbs = sequence(
    tagged(0, version3),
    asn1.Integer.fromBigInt(BigInt(`0x${serial.toString('hex')}`)),
    algorithm,
    nameOf(issuer),
    sequence(time(valid.notBefore), time(valid.notAfter)),
    nameOf(subject),
    encodedKey(publicKey),
    tagged(3, sequence(...extensionsOf(request))),
  );
  const signature = sign('sha256', Buffer.from(tbs.toBER()), signedBy);
  const der = sequence(tbs, algorithm, new asn1.BitString({ valueHex: signature })).toBER();
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function extensionsOf({ usage, subject, publicKey, signedBy }: CertificateRequest): Item[] {
  const identifier = new asn1.OctetString({ valueHex: identifierOf(publicKey) });
  const subjectKey = extension(OID.subjectKeyIdentifier, identifier);
  if (usage === 'authority') {
    const pathLength = new asn1.Integer({ value: 0 });
    return [
      critical(OID.basicConstraints, sequence(new asn1.Boolean({ value: true }), pathLength)),
      critical(OID.keyUsage, keyUsage('authority')),
      subjectKey,
    ];
  }
  const issuerKey = identifierOf(createPublicKey(signedBy));
  return [
    critical(OID.basicConstraints, sequence()),
    critical(OID.keyUsage, keyUsage('end')),
    subjectKey,
    extension(OID.authorityKeyIdentifier, sequence(implicit(0, issuerKey))),
    extension(OID.extendedKeyUsage, sequence(oid(OID[`${usage}Auth`]))),
    extension(OID.subjectAlternativeName, sequence(implicit(DNS_NAME, Buffer.from(subject)))),
  ];
}

/** The tag of a name in DNS within a GeneralName (RFC 5280, section 4.2.1.6). */
const DNS_NAME = 2;

function keyUsage(of: keyof typeof KEY_USAGE): Item {
  const { bits, unused } = KEY_USAGE[of];
  return new asn1.BitString({ valueHex: Uint8Array.of(bits), unusedBits: unused });
}

/** SHA-1 of the public key's bits (RFC 5280, section 4.2.1.2, method 1). */
function identifierOf(publicKey: KeyObject): Buffer {
  const [, bits] = (encodedKey(publicKey) as asn1.Sequence).valueBlock.value;
  return createHash('sha1')
    .update((bits as asn1.BitString).valueBlock.valueHexView)
    .digest();
}

/** SubjectPublicKeyInfo. */
function encodedKey(publicKey: KeyObject): Item {
  return asn1.fromBER(publicKey.export({ type: 'spki', format: 'der' })).result;
}

function nameOf(commonName: string): Item {
  const value = new asn1.Utf8String({ value: commonName });
  return sequence(new asn1.Set({ value: [sequence(oid(OID.commonName), value)] }));
}

/** UTCTime through 2049 (RFC 5280, section 4.1.2.5); both have seconds and no fractions of them. */
function time(date: Date): Item {
  const valueDate = new Date(Math.floor(date.getTime() / 1000) * 1000);
  return date.getUTCFullYear() < YEAR_OF_GENERALIZED_TIME
    ? new asn1.UTCTime({ valueDate })
    : new asn1.GeneralizedTime({ valueDate });
}

function critical(id: string, value: Item): Item {
  return sequence(oid(id), new asn1.Boolean({ value: true }), octets(value));
}

function extension(id: string, value: Item): Item {
  return sequence(oid(id), octets(value));
}

function octets(value: Item): Item {
  return new asn1.OctetString({ valueHex: value.toBER() });
}

function oid(value: string): Item {
  return new asn1.ObjectIdentifier({ value });
}

function sequence(...value: Item[]): asn1.Sequence {
  return new asn1.Sequence({ value });
}

/** An item within a context-specific tag. */
function tagged(tagNumber: number, item: Item): Item {
  return new asn1.Constructed({ idBlock: { tagClass: CONTEXT, tagNumber }, value: [item] });
}

/** Bytes whose tag is context-specific. */
function implicit(tagNumber: number, bytes: Uint8Array): Item {
  return new asn1.Primitive({ idBlock: { tagClass: CONTEXT, tagNumber }, valueHex: bytes });
}

const CONTEXT = 3;
