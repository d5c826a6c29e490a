using System.Buffers.Binary;
using System.Buffers.Text;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>Asks for an address of a document's file that opens without signing in, for 10 seconds to 7 days.</summary>
public sealed record MakeFileLink(
    [property: Range(10, 604_800, ErrorMessage = "expiresInSeconds is from 10 seconds to 7 days (604800).")] int ExpiresInSeconds = 900,
    Guid? Revision = null);

/// <summary>An address that opens a document's file until then, for whoever has it. It stops earlier when its maker may no longer see the document.</summary>
public sealed record FileLink(string Url, DateTimeOffset ExpiresAt);

/// <summary>What the signed address says.</summary>
internal sealed record FileTicket(TenantId Tenant, Guid Document, Guid? Revision, Guid User, Guid? Key, Guid? OnlyCollection, DateTimeOffset ExpiresAt);

/// <summary>
/// Writes and reads the addresses of files: everything they say is in them, under an HMAC made from the master key for this use alone. Nothing is stored, so
/// there is nothing to leak; what ends one early is that its maker's rights are looked at anew each time.
/// </summary>
internal sealed class FileTickets(MasterKey master)
{
    private const int TicketBytes = 1 + (6 * 16) + 8;
    private const byte Version = 1;

    public string Write(FileTicket ticket)
    {
        Span<byte> bytes = stackalloc byte[TicketBytes + HMACSHA256.HashSizeInBytes];
        bytes[0] = Version;
        Guid[] ids = [ticket.Tenant.Value, ticket.Document, ticket.Revision ?? Guid.Empty, ticket.User, ticket.Key ?? Guid.Empty, ticket.OnlyCollection ?? Guid.Empty];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i].TryWriteBytes(bytes[(1 + (i * 16))..]);
        }

        BinaryPrimitives.WriteInt64BigEndian(bytes[(TicketBytes - 8)..], ticket.ExpiresAt.ToUnixTimeSeconds());
        Sign(bytes[..TicketBytes])[0].CopyTo(bytes[TicketBytes..]);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Null for anything that was not written here, whatever is wrong with it.</summary>
    public FileTicket? Read(string text)
    {
        Span<byte> bytes = stackalloc byte[TicketBytes + HMACSHA256.HashSizeInBytes];
        if (text.Length > 300 || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out var length) || length != bytes.Length || bytes[0] != Version)
        {
            return null;
        }

        var right = false;
        foreach (var mac in Sign(bytes[..TicketBytes]))
        {
            right |= CryptographicOperations.FixedTimeEquals(mac, bytes[TicketBytes..]);
        }

        // Written again it is the same text, or somebody played with its spelling.
        return right && Base64Url.EncodeToString(bytes) == text
            ? new FileTicket(
                new TenantId(Id(bytes, 0)), Id(bytes, 1), Given(bytes, 2), Id(bytes, 3), Given(bytes, 4), Given(bytes, 5),
                DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(bytes[(TicketBytes - 8)..])))
            : null;
    }

    private IReadOnlyList<byte[]> Sign(ReadOnlySpan<byte> ticket) => master.Derive($"file|{Convert.ToHexStringLower(ticket)}");

    private static Guid Id(ReadOnlySpan<byte> bytes, int place) => new(bytes.Slice(1 + (place * 16), 16));

    private static Guid? Given(ReadOnlySpan<byte> bytes, int place) => Id(bytes, place) is var id && id != Guid.Empty ? id : null;
}
