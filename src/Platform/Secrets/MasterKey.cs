using System.Security.Cryptography;
using System.Text;

namespace Lyceum.Platform;

/// <summary>
/// The key that wraps every tenant's data key, and during a rotation the one before it. It never leaves this class and
/// never reaches the database; what it wraps names the tenant, so a wrapped key of one tenant does not open for another.
/// </summary>
public sealed class MasterKey
{
    private const int KeyBytes = 32;
    private const int TagBytes = 16;
    private const int NonceBytes = 12;
    private readonly byte[] _current;
    private readonly byte[]? _previous;

    public MasterKey(byte[] current, byte[]? previous = null)
    {
        _current = current;
        _previous = previous;
        Id = IdOf(current);
        PreviousId = previous is null ? null : IdOf(previous);
    }

    /// <summary>A short hash of the key, stored beside what it wraps.</summary>
    public string Id { get; }

    /// <summary>The same of the key that is being rotated away; null when none is.</summary>
    public string? PreviousId { get; }

    /// <summary>The key of LYCEUM_MASTER_KEY, else of the file in LYCEUM_HOME, made when missing.</summary>
    public static MasterKey From(PlatformOptions options) => new(
        Decode("LYCEUM_MASTER_KEY", options.MasterKey ?? SecretFile.ReadOrMake(
            Path.Combine(options.Home, "secrets", "master.key"),
            () => Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)))),
        options.MasterKeyPrevious is null ? null : Decode("LYCEUM_MASTER_KEY_PREVIOUS", options.MasterKeyPrevious));

    /// <summary>
    /// A keyed hash (HMAC-SHA-256, under a key derived for this use alone) of a text that names what it is for: a secret that can be made
    /// again and so needs to be kept nowhere. During a rotation the second is that of the key before.
    /// </summary>
    public IReadOnlyList<byte[]> Derive(string about) => [.. from key in new[] { _current, _previous } where key is not null select Derive(key, about)];

    private static byte[] Derive(byte[] key, string about)
    {
        var derived = HKDF.DeriveKey(HashAlgorithmName.SHA256, key, KeyBytes, info: "lyceum links"u8.ToArray());
        try
        {
            return HMACSHA256.HashData(derived, Encoding.UTF8.GetBytes(about));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(derived);
        }
    }

    /// <summary>Signs what is kept outside the database, with a key of its own that is made from this one.</summary>
    internal byte[] Sign(ReadOnlySpan<byte> text) => Mac(_current, text);

    /// <summary>Whether this key, or the one before it, signed a text.</summary>
    internal bool Signed(ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature) =>
        CryptographicOperations.FixedTimeEquals(Mac(_current, text), signature)
        || (_previous is not null && CryptographicOperations.FixedTimeEquals(Mac(_previous, text), signature));

    private static byte[] Mac(byte[] key, ReadOnlySpan<byte> text) =>
        HMACSHA256.HashData(HKDF.DeriveKey(HashAlgorithmName.SHA256, key, KeyBytes, info: "lyceum audit checkpoint"u8.ToArray()), text);

    /// <summary>nonce, wrapped key and tag, in this order.</summary>
    internal byte[] Wrap(TenantId tenant, ReadOnlySpan<byte> dataKey)
    {
        var wrapped = new byte[NonceBytes + KeyBytes + TagBytes];
        var nonce = wrapped.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(_current, TagBytes);
        cipher.Encrypt(nonce, dataKey, wrapped.AsSpan(NonceBytes, KeyBytes), wrapped.AsSpan(NonceBytes + KeyBytes), About(tenant, Id));
        return wrapped;
    }

    /// <summary>The data key; the caller zeroes it. Throws <see cref="CryptographicException"/> when it was tampered with.</summary>
    internal byte[] Unwrap(TenantId tenant, string keyId, ReadOnlySpan<byte> wrapped)
    {
        var key = keyId == Id ? _current : keyId == PreviousId ? _previous : null;
        if (key is null)
        {
            throw new CryptographicException(
                $"it was encrypted under master key {keyId}, and this process has {Id}. Set LYCEUM_MASTER_KEY to that key, or LYCEUM_MASTER_KEY_PREVIOUS while rotating");
        }

        if (wrapped.Length != NonceBytes + KeyBytes + TagBytes)
        {
            throw new CryptographicException("its data key has the wrong length");
        }

        var dataKey = new byte[KeyBytes];
        using var cipher = new AesGcm(key, TagBytes);
        cipher.Decrypt(wrapped[..NonceBytes], wrapped.Slice(NonceBytes, KeyBytes), wrapped[(NonceBytes + KeyBytes)..], dataKey, About(tenant, keyId));
        return dataKey;
    }

    private static byte[] About(TenantId tenant, string keyId) => Encoding.UTF8.GetBytes($"lyceum data key|{tenant}|{keyId}");

    private static string IdOf(byte[] key) =>
        Convert.ToHexStringLower(SHA256.HashData([.. "lyceum master key"u8, .. key]).AsSpan(0, 8));

    private static byte[] Decode(string setting, string text)
    {
        var key = new byte[KeyBytes];
        return Convert.TryFromBase64String(text.Trim(), key, out var length) && length == KeyBytes
            ? key
            : throw new SettingException(setting, "write 32 random bytes in base64, such as `openssl rand -base64 32` prints");
    }
}
