namespace Lyceum.Iam;

/// <summary>Where somebody's picture is shown from.</summary>
internal static class Avatar
{
    public const int MaxBytes = 1024 * 1024;

    /// <summary>Null for none. The id in the query makes a new picture a new address.</summary>
    public static string? Address(Guid user, Guid? stored) =>
        stored is { } id ? $"/api/v1/iam/users/{user}/avatar?v={id.ToString()[^12..]}" : null;

    /// <summary>The media type by the first bytes; null when it is not a picture we take. What the client says it is does not count.</summary>
    public static string? TypeOf(ReadOnlySpan<byte> head) => head switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => "image/png",
        [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => "image/webp",
        _ => null,
    };
}
