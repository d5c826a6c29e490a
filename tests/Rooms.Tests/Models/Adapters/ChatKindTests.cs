namespace Lyceum.Rooms.Tests.Models.Adapters;

public sealed class OpenAiChatTests : ChatCompliance { protected override string Kind => "openai"; }

public sealed class AzureChatTests : ChatCompliance { protected override string Kind => "azure_openai"; }

public sealed class AzureDeploymentChatTests : ChatCompliance
{
    protected override string Kind => "azure_openai";

    protected override string? ApiVersion => "2024-10-21";
}

public sealed class MistralChatTests : ChatCompliance { protected override string Kind => "mistral"; }

public sealed class GoogleChatTests : ChatCompliance { protected override string Kind => "google"; }

public sealed class OllamaChatTests : ChatCompliance { protected override string Kind => "ollama"; }

public sealed class TgiChatTests : ChatCompliance { protected override string Kind => "tgi"; }

public sealed class VllmChatTests : ChatCompliance { protected override string Kind => "vllm"; }

public sealed class GroqChatTests : ChatCompliance { protected override string Kind => "groq"; }

public sealed class OpenRouterChatTests : ChatCompliance { protected override string Kind => "openrouter"; }

public sealed class HuggingFaceChatTests : ChatCompliance { protected override string Kind => "huggingface"; }

public sealed class OpenAiCompatibleChatTests : ChatCompliance { protected override string Kind => "openai_compatible"; }

public sealed class CustomChatTests : ChatCompliance { protected override string Kind => "custom"; }

public sealed class AnthropicChatTests : ChatCompliance
{
    protected override string Kind => "anthropic";

    protected override bool SendsTemperature => false; // its API refuses it since version 2026-10-21
}

public sealed class AnthropicOlderVersionChatTests : ChatCompliance
{
    protected override string Kind => "anthropic";

    protected override string? ApiVersion => "2023-06-01";
}
