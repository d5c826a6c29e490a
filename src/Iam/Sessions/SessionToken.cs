using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Lyceum.Iam;

/// <summary>
/// The texts that stand for a session: <c>lya_…</c> opens doors for a quarter of an hour, <c>lyr_…</c> buys the next pair, a browser's cookie has
/// no beginning of its own. Each carries 256 random bits; only its SHA-256 is kept, so that a copy of the database opens nothing.
/// </summary>
internal static class SessionToken
{
    private const string AccessStart = "lya_";
    private const string RefreshStart = "lyr_";

    public static string NewAccess() => AccessStart + Random();

    public static string NewRefresh() => RefreshStart + Random();

    public static string NewCookie() => Random();

    public static bool IsAccess(string text) => text.StartsWith(AccessStart, StringComparison.Ordinal);

    public static bool IsRefresh(string text) => text.StartsWith(RefreshStart, StringComparison.Ordinal) && text.Length == 47;

    public static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}
