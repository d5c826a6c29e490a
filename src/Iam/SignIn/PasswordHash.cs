using System.Globalization;
using System.Security.Cryptography;
using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>
/// Password hashes: PBKDF2 with HMAC-SHA-512, 210,000 rounds and a 16-byte salt (OWASP Password Storage Cheat Sheet), written as
/// <c>pbkdf2-sha512$rounds$salt$hash</c> so that the cost can rise without asking anybody for a new password.
/// </summary>
public static class PasswordHash
{
    private const int Rounds = 210_000;
    private const string Scheme = "pbkdf2-sha512";

    // An unknown address costs the same time as a wrong password.
    private static readonly string Nobody = Of("nobody has this password");

    public static string Of(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        var hash = Rfc2898DeriveBytes.Pbkdf2(password, salt, Rounds, HashAlgorithmName.SHA512, 64);
        return string.Create(CultureInfo.InvariantCulture, $"{Scheme}${Rounds}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}");
    }

    /// <summary>Whether the password belongs to the hash; with no hash, works as long and says no.</summary>
    public static bool Matches(string password, string? stored)
    {
        var parts = (stored ?? Nobody).Split('$');
        if (parts.Length != 4 || parts[0] != Scheme)
        {
            return false;
        }

        LyceumTelemetry.PasswordHashes.Add(1);
        var hash = Convert.FromBase64String(parts[3]);
        var tried = Rfc2898DeriveBytes.Pbkdf2(
            password, Convert.FromBase64String(parts[2]), int.Parse(parts[1], CultureInfo.InvariantCulture), HashAlgorithmName.SHA512, hash.Length);
        return CryptographicOperations.FixedTimeEquals(tried, hash) && stored is not null;
    }
}
