using Lyceum.Platform;
using Microsoft.Extensions.AI;

namespace Lyceum.Models;

/// <summary>What is decided about a call before and after it is made.</summary>
internal static class CallRules
{
    public static bool Embeds(ModelInfo model) => model.ModelType == "embeddings";

    public static bool Reranks(ModelInfo model) => model.ModelType == "rerank";

    public static bool Transcribes(ModelInfo model) => model.ModelType == "stt";

    public static bool Chats(ModelInfo model) => model.ModelType is "llm" or "vision" or "guard";

    /// <summary>Refuses to chat with an embedding model and the like, before anything is sent.</summary>
    public static void Check(ModelInfo model, string operation)
    {
        if (operation == "rerank" && !Reranks(model))
        {
            throw new ProviderException(ProviderError.BadRequest, $"{model.Name} is no rerank model.", "Choose a model of type rerank.");
        }

        if (operation == "transcription" && !Transcribes(model))
        {
            throw new ProviderException(ProviderError.BadRequest, $"{model.Name} is no transcription model.", "Choose a model of type stt.");
        }

        if (operation is not ("rerank" or "transcription") && (operation == "embeddings" ? !Embeds(model) : !Chats(model)))
        {
            throw new ProviderException(
                ProviderError.BadRequest,
                operation == "embeddings" ? $"{model.Name} makes no embeddings." : $"{model.Name} is no chat model.",
                operation == "embeddings" ? "Choose a model of type embeddings." : "Choose a model of type llm.");
        }
    }

    /// <summary>The caller's options, completed with the model's: its temperature when none is asked for (0 is asked for), and no more tokens than it may write.</summary>
    public static ChatOptions Complete(ChatOptions? asked, ModelInfo model)
    {
        var options = asked?.Clone() ?? new ChatOptions();
        options.Temperature ??= (float?)model.DefaultTemperature;
        options.MaxOutputTokens = (options.MaxOutputTokens, model.MaxCompletionTokens) switch
        {
            ({ } wanted, { } most) => Math.Min(wanted, most),
            var (wanted, most) => wanted ?? most,
        };
        return options;
    }

    /// <summary>A call that the egress guard refused says so, and is not repeated: it looks like a closed connection from where the adapters stand.</summary>
    public static ProviderException Explain(ProviderException fault)
    {
        for (Exception? cause = fault.InnerException; cause is not null; cause = cause.InnerException)
        {
            if (cause is EgressRefusedException refused)
            {
                return new ProviderException(ProviderError.Unreachable, refused.Message, null, fault) { AfterFirstToken = fault.AfterFirstToken };
            }
        }

        return fault;
    }

    public static ProviderException WrongDimension(ModelInfo model, int got, int wanted) => new(
        ProviderError.BadResponse, $"{model.Name} returned vectors of {got} numbers, {wanted} were expected.",
        $"Set the model's dimension to {got}, or choose the model that the collection was made with.");
}
