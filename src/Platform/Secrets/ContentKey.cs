using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Lyceum.Platform;

/// <summary>
/// A key under which texts are kept: sealed with AES-256-GCM, their words replaced by keyed hashes that can be compared and not read. Two keys
/// are derived from the one that is kept (HKDF, RFC 5869), so that neither use tells of the other.
/// </summary>
public sealed class ContentKey
{
    internal const int Bytes = 32;
    private const int TagBytes = 16, NonceBytes = 12, IdBytes = 16, WordBytes = 12;

    // No text that people write begins with it, and a text that does is only taken for a sealed one when it names a key of its tenant.
    private const char Mark = '\u0001';
    private readonly byte[] _seal, _words;

    internal ContentKey(Guid id, byte[] secret)
    {
        Id = id;
        _seal = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, Bytes, info: "lyceum text"u8.ToArray());
        _words = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, Bytes, info: "lyceum words"u8.ToArray());
    }

    /// <summary>The secret it is kept as; part of whatever it seals.</summary>
    public Guid Id { get; }

    /// <summary>A text that only this key opens. The same text is sealed differently each time.</summary>
    public string Seal(string text)
    {
        var plain = Encoding.UTF8.GetBytes(text);
        var bytes = new byte[IdBytes + NonceBytes + plain.Length + TagBytes];
        Id.TryWriteBytes(bytes);
        var nonce = bytes.AsSpan(IdBytes, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(_seal, TagBytes);
        cipher.Encrypt(nonce, plain, bytes.AsSpan(IdBytes + NonceBytes, plain.Length), bytes.AsSpan(^TagBytes), bytes.AsSpan(0, IdBytes));
        return Mark + Convert.ToBase64String(bytes);
    }

    /// <summary>What stands in the place of a word: the same for the same word, and nothing without the key (HMAC-SHA-256, 96 bits of it).</summary>
    public string Word(string word) => Base64Url.EncodeToString(HMACSHA256.HashData(_words, Encoding.UTF8.GetBytes(word)).AsSpan(0, WordBytes));

    /// <summary>By what two equal texts are known as equal, without the key to nobody.</summary>
    public byte[] Hash(string text) => HMACSHA256.HashData(_words, (byte[])[0, .. Encoding.UTF8.GetBytes(text)]);

    /// <summary>Throws <see cref="CryptographicException"/> for what was changed.</summary>
    internal string Open(ReadOnlySpan<byte> bytes)
    {
        var plain = new byte[bytes.Length - IdBytes - NonceBytes - TagBytes];
        using var cipher = new AesGcm(_seal, TagBytes);
        cipher.Decrypt(bytes.Slice(IdBytes, NonceBytes), bytes[(IdBytes + NonceBytes)..^TagBytes], bytes[^TagBytes..], plain, bytes[..IdBytes]);
        return Encoding.UTF8.GetString(plain);
    }

    /// <summary>The bytes of a text that looks sealed, and the key it names.</summary>
    internal static bool IsSealed(string? text, out Guid key, out byte[] bytes)
    {
        (key, bytes) = (default, []);
        if (text is not [Mark, ..])
        {
            return false;
        }

        var decoded = new byte[text.Length * 3 / 4];
        if (!Convert.TryFromBase64Chars(text.AsSpan(1), decoded, out var length) || length < IdBytes + NonceBytes + TagBytes)
        {
            return false;
        }

        (key, bytes) = (new Guid(decoded.AsSpan(0, IdBytes)), decoded[..length]);
        return true;
    }
}
