using System.Security.Cryptography;
using System.Text;

namespace Lyceum.Knowledge;

/// <summary>What a text that is sent as such is called, and by what it is known again. Pure.</summary>
internal static class SentText
{
    public static string Title(TextItem item) => string.IsNullOrWhiteSpace(item.Title) ? item.ExternalId : item.Title.Trim();

    /// <summary>The title is part of what is searched, so a new title is a new text.</summary>
    public static byte[] Hash(TextItem item) => SHA256.HashData(Encoding.UTF8.GetBytes($"{Title(item)}\n{item.Text}"));
}
