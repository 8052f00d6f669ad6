namespace Ear.Providers.AzureKeyVault;

/// <summary>Ear did not ask, or stopped asking. Goes up through the SDKs, which do not know it.</summary>
/// <param name="code">One of <see cref="AzureSignal.Codes"/>.</param>
internal sealed class AzureNotAskedException(string code, Exception? inner = null) : Exception("Azure was not asked.", inner)
{
    public string Code => code;
}

/// <summary>What came with status 200 is not what the API promises.</summary>
internal sealed class AzureBrokenAnswerException(Exception? inner = null) : Exception("The answer was broken.", inner);

/// <summary>The vault wants a token newer or stronger than the one it was sent (continuous access evaluation).</summary>
internal sealed class AzureTokenRefusedException() : Exception("The vault asks for another token.");
