using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lyceum.Host.Cli;

// What the server says, as far as the command line reads it.
internal sealed record ProfileFile(string Url, string? ApiKey);
internal sealed record ProblemBody(string? Code, string? Detail, string? Title, string? Hint);
internal sealed record VersionBody(string Version);
internal sealed record ReadyBody(string? Status, Dictionary<string, JsonElement>? Checks);
internal sealed record MeBody(MeUser User, MeTenant? Tenant);
internal sealed record MeUser(string Email, string? DisplayName);
internal sealed record MeTenant(string Slug, string Name);
internal sealed record KeyCreated(string Key);
internal sealed record CollectionPage(IReadOnlyList<CollectionBody> Data, [property: JsonPropertyName("next_cursor")] string? NextCursor);
internal sealed record CollectionBody(Guid Id, string Name, string Slug, string? Description, string Status, long DocumentCount, long PendingCount, long FailedCount, long ChunkCount);
internal sealed record LimitsBody(long MaxFileBytes, IReadOnlyList<string>? AcceptedExtensions, int MaxFilesPerRequest);
internal sealed record UploadAnswer(IReadOnlyList<UploadItem> Items);
internal sealed record UploadItem(string Name, string Status, DocumentBody? Document, ItemProblem? Problem);
internal sealed record ItemProblem(string? Code, string? Detail);
internal sealed record DocumentBody(Guid Id, string? FileName, string Status, string? Step, int Progress, string? ErrorCode, string? ErrorMessage);
internal sealed record SearchAnswer(IReadOnlyList<Hit> Hits);
internal sealed record ConversationBody(Guid Id);
internal sealed record MessageAccepted(Guid RunId);
internal sealed record TextDelta(string Text);
internal sealed record CitationsEvent(IReadOnlyList<CitationBody> Citations);
internal sealed record CitationBody(int Marker, Guid DocumentId, string Name, int? Page, string? Quote, double? Score);
internal sealed record RunCompleted(string? Status, bool NoSource);
internal sealed record RunFailed(string? Code, string? Message);
internal sealed record AuditVerified(bool Verified, long Rows, long? FaultPosition, string? Fault, AuditCheckpoint? Checkpoint);
internal sealed record AuditCheckpoint(long Position, DateTimeOffset OccurredAt);

// What the command line asks of the server.
internal sealed record CreateKey(string Name, IReadOnlyList<string>? Scopes, DateTimeOffset? ExpiresAt);
internal sealed record CreateCollection(string Name, string? Slug, string? Description);
internal sealed record SearchRequest(string Query, IReadOnlyList<Guid> Collections, int TopK);
internal sealed record CreateConversation(IReadOnlyList<Guid>? CollectionIds, string? AgentSlug);
internal sealed record CreateMessage(string Content);

// What --json prints. These shapes are promised to scripts.
internal sealed record StatusReport(Uri Url, bool Ready, string? Version, string? User, string? Tenant, Dictionary<string, JsonElement>? Checks);
internal sealed record CollectionsReport(IReadOnlyList<CollectionBody> Collections);
internal sealed record IngestReport(int Indexed, int Failed, int Skipped, IReadOnlyList<IngestedDocument> Documents);
internal sealed record IngestedDocument(string Name, string Status, string? Error);
internal sealed record SearchReport(IReadOnlyList<Hit> Hits);
internal sealed record Hit(Guid DocumentId, string? ExternalId, string Name, int? Page, double Score, string Text);
internal sealed record AskReport(string Answer, IReadOnlyList<AskCitation> Citations);
internal sealed record AskCitation(Guid DocumentId, string Name, int? Page, string? Quote, double? Score);
internal sealed record MigrateReport(string Verb, int Changed, IReadOnlyList<MigrationReport> Migrations);
internal sealed record MigrationReport(string Version, string Name, DateTimeOffset? AppliedAt);
internal sealed record ErrorReport(ErrorBody Error);
internal sealed record ErrorBody(string Code, string Message);

/// <summary>JSON of the command line, generated at build time: reflection would cost a fifth of a second at every start.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ProfileFile))]
[JsonSerializable(typeof(ProblemBody))]
[JsonSerializable(typeof(VersionBody))]
[JsonSerializable(typeof(ReadyBody))]
[JsonSerializable(typeof(MeBody))]
[JsonSerializable(typeof(KeyCreated))]
[JsonSerializable(typeof(CollectionPage))]
[JsonSerializable(typeof(LimitsBody))]
[JsonSerializable(typeof(UploadAnswer))]
[JsonSerializable(typeof(DocumentBody))]
[JsonSerializable(typeof(SearchAnswer))]
[JsonSerializable(typeof(ConversationBody))]
[JsonSerializable(typeof(MessageAccepted))]
[JsonSerializable(typeof(TextDelta))]
[JsonSerializable(typeof(CitationsEvent))]
[JsonSerializable(typeof(RunCompleted))]
[JsonSerializable(typeof(RunFailed))]
[JsonSerializable(typeof(AuditVerified))]
[JsonSerializable(typeof(CreateKey))]
[JsonSerializable(typeof(CreateCollection))]
[JsonSerializable(typeof(SearchRequest))]
[JsonSerializable(typeof(CreateConversation))]
[JsonSerializable(typeof(CreateMessage))]
[JsonSerializable(typeof(StatusReport))]
[JsonSerializable(typeof(CollectionsReport))]
[JsonSerializable(typeof(IngestReport))]
[JsonSerializable(typeof(SearchReport))]
[JsonSerializable(typeof(AskReport))]
[JsonSerializable(typeof(MigrateReport))]
[JsonSerializable(typeof(ErrorReport))]
internal sealed partial class CliJson : JsonSerializerContext
{
    /// <summary>For stdout, which is not HTML: letters stay letters.</summary>
    public static CliJson Printed { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>For requests: what is not said is left out, since the server refuses fields it does not know and may refuse nulls.</summary>
    public static CliJson Sent { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull });
}
