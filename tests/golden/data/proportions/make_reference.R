suppressMessages(library(clubSandwich))
set.seed(3)
d <- data.frame(trust=rep(LETTERS[1:5], times=c(26,29,20,22,23)))
d$arm <- unlist(lapply(c(26,29,20,22,23), function(n) rep(c(0,1), times=c(floor(n*.45), n-floor(n*.45)))))
p <- c(.3,.55,.35,.5,.6)
d$y <- rbinom(nrow(d),1,p[match(d$trust,LETTERS)] + .1*d$arm)
show <- function(d) { m <- lm(y~arm,d); ct <- coef_test(m, vcov="CR2", cluster=d$trust, test="Satterthwaite")
 ci <- conf_int(m, vcov="CR2", cluster=d$trust, test="Satterthwaite")
 a <- aggregate(cbind(n=1,y=y)~trust+arm, d, sum); print(a)
 cat(sprintf("%.15g", c(coef(m)[2], ct$SE[2], ct$df[2] , ci$CI_L[2], ci$CI_U[2])), sep="\n") }
cat("within\n"); show(d)
# arm is a property of the trust for some trusts
e <- d; e$arm[e$trust=="A"] <- 0; e$arm[e$trust=="B"] <- 1
cat("mixed\n"); show(e)
f <- e; f$arm <- as.numeric(f$trust %in% c("B","D"))
cat("between\n"); show(f)
cat(R.version.string, as.character(packageVersion("clubSandwich")), "\n")
