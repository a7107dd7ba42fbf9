package dev.vmext.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints what makes a shell complete commands, options, and the names of machines, installations and extensions. */
@Command(
        name = "completion",
        description = "Print the completion script of a shell.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  . <(vmext completion bash)                        for this shell",
            "  vmext completion bash > ~/.local/share/bash-completion/completions/vmext    for all to come",
            "  vmext completion zsh >> ~/.zshrc",
        })
final class CompletionCommand implements Callable<Integer> {
    /** Shells it knows. */
    enum Shell {
        bash,
        zsh
    }

    /**
     * Names come from the control plane, so they are looked up when somebody asks and not written into the script. What does not answer
     * completes nothing. Everything else is picocli's own function.
     */
    private static final String NAMES = """

            _vmext_names() {
              local words=() word of='' count=0 want=''
              for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
                case $word in -*) ;; *) words+=("$word") ;; esac
              done
              count=${#words[@]}
              case "${words[*]:0:2}" in
                "machine create"|"machine list"|"machine enroll-command") ;;
                "machine "*|"installation list"|"command list")
                  [ "$count" -eq 2 ] && want=machines ;;
                "command "*)
                  [ "$count" -eq 2 ] && want=machines
                  [ "$count" -eq 3 ] && want=commands && of=${words[2]} ;;
                "finding show"|"finding acknowledge")
                  [ "$count" -eq 2 ] && want=findings ;;
                "webhook delete"|"webhook test"|"webhook show")
                  [ "$count" -eq 2 ] && want=webhooks ;;
                "token revoke")
                  [ "$count" -eq 2 ] && want=tokens ;;
                "installation "*)
                  [ "$count" -eq 2 ] && want=machines
                  [ "$count" -eq 3 ] && want=installations && of=${words[2]} ;;
                "extension show"|"extension deprecate"|"extension insecure"|"extension withdraw"|"extension activate")
                  [ "$count" -eq 2 ] && want=extensions
                  [ "$count" -eq 3 ] && [ "${words[1]}" != show ] && want=versions && of=${words[2]} ;;
                doctor*|run*)
                  [ "$count" -eq 1 ] && want=machines ;;
                install*)
                  [ "${words[0]}" = install ] && [ "$count" -eq 1 ] && want=machines
                  [ "${words[0]}" = install ] && [ "$count" -eq 2 ] && want=extensions ;;
                uninstall*)
                  [ "$count" -eq 1 ] && want=machines
                  [ "$count" -eq 2 ] && want=installations && of=${words[1]} ;;
              esac
              [ -n "$want" ] || return 1
              case ${COMP_WORDS[COMP_CWORD]} in -*) return 1 ;; esac
              COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" complete-names "$want" $of 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }

            _vmext() {
              COMPREPLY=()
              _vmext_names || _complete_vmext
            }

            complete -F _vmext -o default vmext ./vmext
            """;

    @Parameters(index = "0", paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
    Shell shell = Shell.bash;

    @Spec
    CommandSpec spec = CommandSpec.create();

    private final Surroundings world;

    CompletionCommand(Surroundings world) {
        this.world = world;
    }

    @Override
    public Integer call() {
        CommandLine root = Objects.requireNonNull(spec.root().commandLine());
        if (shell == Shell.zsh) {
            // Zsh runs bash's functions; only its own completion system must be up first.
            world.out().println("autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit");
        }
        world.out().print(AutoComplete.bash("vmext", root));
        world.out().print(NAMES);
        return 0;
    }
}
