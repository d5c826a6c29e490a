using System.Security.Cryptography;
using System.Text;

namespace Lyceum.Iam;

/// <summary>
/// The text of an API key: <c>lyc_</c>, 12 characters that identify it, 32 that are secret, and a 6-character CRC-32 of all
/// before it. A mistyped key is recognised without a look into the database, and scanners find leaked ones without
/// false alarms (the scheme GitHub uses since 2021).
/// </summary>
public static class ApiKeySecret
{
    private const string Start = "lyc_";
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int PrefixLength = 16;
    private const int Length = 4 + 12 + 32 + 6;

    /// <summary>A new key; show it once, keep only <see cref="Hash"/> and <see cref="Prefix"/>.</summary>
    public static string New()
    {
        var body = Start + RandomNumberGenerator.GetString(Alphabet, 44);
        return body + Checksum(body);
    }

    /// <summary>Whether this can be a key at all: right form, right checksum.</summary>
    public static bool IsWellFormed(string key) =>
        key.Length == Length
        && key.StartsWith(Start, StringComparison.Ordinal)
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(key[^6..]), Encoding.UTF8.GetBytes(Checksum(key[..^6])));

    /// <summary>The part that may be shown and looked up: not secret.</summary>
    public static string Prefix(string key) => key[..PrefixLength];

    public static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private static string Checksum(string body)
    {
        // CRC-32 (ISO 3309), 62^6 > 2^32: six characters hold it.
        var crc = uint.MaxValue;
        foreach (var b in Encoding.UTF8.GetBytes(body))
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 1 ? (crc >> 1) ^ 0xEDB88320u : crc >> 1;
            }
        }

        crc = ~crc;
        return string.Create(6, crc, (text, value) =>
        {
            for (var i = text.Length - 1; i >= 0; i--)
            {
                text[i] = Alphabet[(int)(value % 62)];
                value /= 62;
            }
        });
    }
}
