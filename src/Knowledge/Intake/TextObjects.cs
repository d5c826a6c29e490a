using System.Text.Json;
using Lyceum.Knowledge.Reading;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>Extracted texts, kept as JSON objects.</summary>
internal sealed class TextObjects(ObjectStore objects)
{
    public async Task<ExtractedText?> Read(Db db, Guid? objectId, CancellationToken ct)
    {
        if (objectId is not { } id || await objects.Open(db, id, ct) is not { } content)
        {
            return null;
        }

        await using (content)
        {
            return await JsonSerializer.DeserializeAsync<ExtractedText>(content.Bytes, LyceumJson.Options, ct);
        }
    }
}
