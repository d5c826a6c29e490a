using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Lyceum.Platform;
using Microsoft.AspNetCore.Http;

namespace Lyceum.Iam;

/// <summary>
/// Links that prove something. Their secret is a keyed hash under the master key of what they are for and a nonce: the job that mails one
/// makes it again, so neither the job nor any table holds it, only the SHA-256 that checks it.
/// </summary>
internal sealed class Links(MasterKey master, MailOptions options)
{
    public string Secret(string purpose, Guid about, string nonce) => Base64Url.EncodeToString(master.Derive($"{purpose}|{about}|{nonce}")[0]);

    /// <summary>The secret that has this hash: made under the present master key, or the one before; null when it was made under neither.</summary>
    public string? Secret(string purpose, Guid about, string nonce, byte[] hash) =>
        master.Derive($"{purpose}|{about}|{nonce}").Select(bytes => Base64Url.EncodeToString(bytes)).FirstOrDefault(secret => Matches(secret, hash));

    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>Compares in constant time.</summary>
    public static bool Matches(string secret, byte[] hash) => CryptographicOperations.FixedTimeEquals(Hash(secret), hash);

    /// <summary>A link into the user interface. Without LYCEUM_PUBLIC_URL it begins with the address of the request, and is shown to nobody but who asked.</summary>
    public string To(string page, string token, HttpRequest? request)
    {
        var start = options.PublicUrl?.ToString() ?? (request is null
            ? throw new InvalidOperationException("Mail is set up without LYCEUM_PUBLIC_URL.")
            : $"{request.Scheme}://{request.Host}/");
        return $"{start}{page}?token={token}";
    }
}
